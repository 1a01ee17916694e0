"""Where the face of a photograph is: MediaPipe's mesh, YuNet, and the search over sizes and right angles."""
