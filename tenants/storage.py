"""Files of a business, in a folder of its own."""

from django_tenants.files.storage import TenantFileSystemStorage


class BusinessFileStorage(TenantFileSystemStorage):  # type: ignore[misc]
    """Every file lies below the schema of its business."""
