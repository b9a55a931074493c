"""The admin, and one page."""

import pandas
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path


def index(request: HttpRequest) -> HttpResponse:
    """Answer with what pandas computes."""
    return HttpResponse(f"{pandas.Series([1, 2, 3]).sum()}\n")


urlpatterns = [path("", index), path("admin/", admin.site.urls)]
