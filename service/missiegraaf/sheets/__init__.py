"""Records as rows of a sheet: one class a sheet, one record a row, the fields of its form as columns."""
