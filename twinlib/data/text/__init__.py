"""How people write lists: names of files, words for columns, tables in any encoding."""
