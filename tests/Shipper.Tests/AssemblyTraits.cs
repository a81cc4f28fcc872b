// Every test in this project starts the program, most of them more than once.
[assembly: Trait("Speed", "Slow")]
