"""What gunicorn and ``flask --app wsgi`` start."""

from zoneinfo import ZoneInfoNotFoundError

from crm.config import SettingsError

try:
    from crm.factory import create_app

    app = create_app()
except (SettingsError, ZoneInfoNotFoundError) as error:
    raise SystemExit(f"configuration: {error}") from None
