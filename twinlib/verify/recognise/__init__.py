"""One photograph after another to what a decision needs: face, facts, embedding, rules."""
