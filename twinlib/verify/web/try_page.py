"""The page at /: two photographs, one button; it loads nothing and runs no script."""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>twinlib</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }
label { display: block; margin: 1rem 0; } input { display: block; max-width: 100%; }
</style></head><body><main>
<h1>Do two photographs show one person?</h1>
<form method="post" action="verify" enctype="multipart/form-data">
<label>First photograph <input type="file" name="image_a" accept="image/*" required></label>
<label>Second photograph <input type="file" name="image_b" accept="image/*" required></label>
<button>Verify</button></form>
<p>No photograph is kept. Identical twins and siblings pass more often than strangers.</p>
<p><a href="docs">All routes</a></p>
</main></body></html>
"""
