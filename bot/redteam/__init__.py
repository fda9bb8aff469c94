"""The red-team run: every attack through the real graph, gate and card, beside a model that lies wherever it can."""
