"""Coverage-guided fuzzing of whatever reads foreign bytes: ``python -m fuzzing``.

A target (``fuzzing/targets/``) says what is done with an input and what must hold of the outcome; it needs
nothing but the program. ``fuzzing/harness.py`` drives a target with atheris (the extra ``fuzz``);
``tests/fuzzing`` puts the kept corpus and all inputs that once were findings through the targets without it.
"""
