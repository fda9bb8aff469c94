"""The Web API, one module per family; `table.py` lists every method with the scope it needs."""
