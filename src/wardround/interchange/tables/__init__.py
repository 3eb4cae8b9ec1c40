"""Tables by a mapping file: CSV, TSV, Excel, OpenDocument and Parquet; one row is one visit, or one measurement, of one patient."""

from wardround.interchange.tables.reader import ENDINGS, PACKED_ENDINGS, read, read_again

__all__ = ["ENDINGS", "PACKED_ENDINGS", "read", "read_again"]
