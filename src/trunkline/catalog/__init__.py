"""What exists: manifests and pinned descriptions at build time, the compiled catalog at run time."""

from trunkline.catalog.catalog import Catalog, Integration
from trunkline.catalog.write import write_catalog

__all__ = ["Catalog", "Integration", "write_catalog"]
