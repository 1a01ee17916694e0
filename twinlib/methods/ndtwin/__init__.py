"""NDTWIN: the local-global network and its composite loss."""
