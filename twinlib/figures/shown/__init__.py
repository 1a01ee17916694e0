"""A figure as files: its picture for light and for dark pages, and the data that it plots."""
