"""Do two photographs show one person: the recogniser that ships, those that were trained, what bears on an answer."""
