"""What gunicorn and ``flask --app wsgi`` start."""

import gc
from zoneinfo import ZoneInfoNotFoundError

from crm.config import GARBAGE, SettingsError

# What is made while starting stays: to look for garbage in it would take a fifth of the time.
gc.disable()
gc.set_threshold(*GARBAGE)
try:
    from crm.cli import asks_records_alone
    from crm.factory import create_app

    app = create_app(pages=not asks_records_alone())
except (SettingsError, ZoneInfoNotFoundError) as error:
    raise SystemExit(f"configuration: {error}") from None
finally:
    gc.freeze()
    gc.enable()
