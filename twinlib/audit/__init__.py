"""How often a face recogniser takes a twin, a sibling or a look-alike for the person.

Reads downwards: `protocol` (which images, which pairs), `given/` (a recogniser in any form, to scores), `rates`,
`causes`, `enrolled`, `policies` (what is measured), `baseline` (did it get worse), `report/` (the page), `command`.
"""
