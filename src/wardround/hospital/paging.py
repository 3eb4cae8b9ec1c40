"""Long lists in the hospital's pages are paged as on both sites."""

from wardround.web.paging import PAGE, Page, number_in, page_of, paged

__all__ = ["PAGE", "Page", "number_in", "page_of", "paged"]
