"""What gunicorn and ``flask --app wsgi`` start."""

from crm.factory import create_app

app = create_app()
