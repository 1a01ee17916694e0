"""Looking at a data set of one's own: what is there, what is wrong with it, what it is like."""
