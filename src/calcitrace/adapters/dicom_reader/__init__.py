"""DICOM series: index all files, choose one series by stated rules, assemble it."""

from calcitrace.adapters.dicom_reader.choice import RULES, Choice
from calcitrace.adapters.dicom_reader.header import quiet_pydicom
from calcitrace.adapters.dicom_reader.index import Index, index_members
from calcitrace.adapters.dicom_reader.reading import choose_series, read_series

__all__ = [
    "RULES",
    "Choice",
    "Index",
    "choose_series",
    "index_members",
    "quiet_pydicom",
    "read_series",
]
