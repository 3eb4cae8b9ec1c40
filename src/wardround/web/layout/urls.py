"""The addresses of what both sites show of themselves."""

from django.urls import path

from wardround.web.layout import views

urlpatterns = [path("components/", views.components, name="components")]
