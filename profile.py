# ruff: noqa: A005
"""The profiler: `python profile.py --help`.

The standard library has a module of this name too, and `cProfile` imports it; with this folder
first on the path it finds this file. Under that name the standard module is handed over.
"""

import sys

if __name__ == "profile":
    import importlib.util
    import sysconfig

    _path = f"{sysconfig.get_path('stdlib')}/profile.py"
    _spec = importlib.util.spec_from_file_location("profile", _path)
    if _spec and _spec.loader:
        sys.modules["profile"] = importlib.util.module_from_spec(_spec)
        _spec.loader.exec_module(sys.modules["profile"])
elif __name__ == "__main__":  # not in workers that multiprocessing spawns
    try:
        from tfopt.cli import main
    except ModuleNotFoundError as error:
        sys.exit(
            f"{error.name} is not installed here: run `make setup`, then `.venv/bin/python profile.py`"
        )
    main(["profile", *sys.argv[1:]])
