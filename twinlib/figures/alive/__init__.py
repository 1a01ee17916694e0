"""Figures that answer a reader: complete HTML first, then a script of a few kilobytes that needs no library.

`mounted` joins HTML, style, data and script into one element of a page. Each figure is a script `NAME.js` here, a
function of its element, its data and a host; a page passes no host, a notebook with a kernel one that answers.
"""
