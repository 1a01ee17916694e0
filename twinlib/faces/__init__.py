"""From a photograph to an aligned face with OpenCV alone: the reading, the detector that ships, the search."""
