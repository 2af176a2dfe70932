"""What gunicorn and ``flask --app wsgi`` start."""

import gc
import os
from zoneinfo import ZoneInfoNotFoundError

from crm import garbage
from crm.config import SettingsError

# What is made while starting stays: to look for garbage in it would take a fifth of the time.
gc.disable()
try:
    from crm.cli import needs
    from crm.factory import create_app

    app = create_app(needs=needs())
except SettingsError as error:
    raise SystemExit(f"configuration: {error}") from None
except ZoneInfoNotFoundError:
    zone = os.environ.get("CRM_TIMEZONE")
    text = f"configuration: CRM_TIMEZONE must be as Asia/Shanghai, not {zone!r}"
    raise SystemExit(text) from None
finally:
    garbage.settle()
    gc.enable()
