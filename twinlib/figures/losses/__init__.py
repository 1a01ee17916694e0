"""What the chapter on losses shows: curves, forces, twins on a circle, two readings of one formula."""
