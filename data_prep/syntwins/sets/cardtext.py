"""What the data card says in words: the meaning of each column, and what the data may and may not be used for."""

COLUMNS: dict[str, tuple[str, str]] = {
    "image": ("text", "unique id of the image"),
    "path": ("text", "file, relative to the folder of the set"),
    "subject": ("text", "who is shown"),
    "family": ("text", "twins and siblings share it; a family is in one split only"),
    "split": ("text", "train, validation or test"),
    "relation": ("text", "of the family's members: mz identical twins, dz fraternal twins, sibling, single"),
    "sex": ("text", "female or male: the generator's two sets of ranges"),
    "tone_bin": ("text", "skin tone of the subject: light, medium or dark"),
    "age_bin": ("text", "age in the subject's youngest image: young 20-34, middle 35-49, old 50-64 generator years"),
    "palette": ("text", "families that share it have the same sex, age, skin, eyes, hair colour and hair style"),
    "yaw": ("number", "head turn, degrees; positive towards the image's right"),
    "pitch": ("number", "head nod, degrees"),
    "roll": ("number", "head tilt, degrees"),
    "light_azimuth": ("number", "direction of the key light, degrees; positive from the image's right"),
    "light_elevation": ("number", "height of the key light, degrees"),
    "light": ("number", "strength of the key light"),
    "ambient": ("number", "strength of the sky"),
    "warmth": ("number", "colour of the light; positive: warm key light, cool sky"),
    "age_gap": ("number", "generator years since the subject's youngest image"),
    "occluded": ("number", "share of the face that the occluder is meant to cover"),
    "blur": ("number", "sigma of the blur, px of a 160 px image"),
    "noise": ("number", "standard deviation of the pixel noise, of the full scale"),
    "jpeg": ("whole", "JPEG quality"),
    "exposure": ("number", "factor before the tone curve"),
    "distance": ("number", "camera to head, cm"),
    "hair_volume": ("number", "thickness of the hair, cm"),
    "occluder": ("text", "none, glasses, sunglasses, mask or patch"),
    "expression": ("text", "neutral, smile, talk, sad, pucker or surprise"),
}
"""Column of the manifest → kind (text, number, whole) and meaning."""

RESPONSIBLE: dict[str, str | list[str]] = {
    "dataCollection": (
        "Nothing was collected. Faces, poses, light and cameras are drawn at random from ranges that were set by eye "
        "and rendered; the same configuration and seed give the same images on every machine."
    ),
    "dataCollectionType": ["Software Collection"],
    "dataPreprocessingProtocol": ["Rendered with two by two samples a pixel, blurred, noised, stored as JPEG."],
    "dataAnnotationProtocol": [
        "Every label is a parameter of the renderer; nothing was judged by people. The truth (landmarks, marks, "
        "asymmetry) lies in truth.npz and is for scoring only, never an input of a model."
    ],
    "dataUseCases": [
        "Testing whether a method uses a cue: each cause of difference between twins can be switched off.",
        "Teaching, software tests, and a default that needs no licence.",
    ],
    "dataLimitations": [
        "Results say nothing about the accuracy on real twins, and must not be reported as results on real data.",
        "The faces look drawn; expressions, hair styles, ears, teeth and glasses are few and simple.",
        "Asymmetry and marks are larger and rarer than they may be in people; no study of twins set them.",
    ],
    "dataBiases": [
        "Sex is two sets of ranges, skin tone a line from light to dark, ages are 20 to 76 generator years; all are "
        "balanced by design, which no population is.",
        "The mean head came from a face mesh detector's idea of a face, and the same detector aligns the crops.",
    ],
    "personalSensitiveInformation": ["None. No image of a person was used at any step; the people do not exist."],
    "dataSocialImpact": (
        "Telling twins apart serves both the twin who is taken for the other and whoever wants to watch people. The "
        "set lets methods be compared without anybody's face; it does not show that a method is fit for use on people."
    ),
    "dataReleaseMaintenancePlan": (
        "The set is made on the spot from configuration and seed. A change of pixels or factors raises the generator's "
        "version, which is part of the set's hash."
    ),
}
"""Fields of Croissant's responsible-AI vocabulary."""
