"""Views of the sample."""

import django
from django.http import HttpRequest, HttpResponse


def index(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"Hello from Django {django.__version__}\n", content_type="text/plain")
