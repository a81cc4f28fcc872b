using Shipper.Browser.Tests;
using Xunit.Sdk;
using Xunit.v3;

// The tests share one browser, and each has pages of its own. They run one after the other: a browser uses all the machine has.
[assembly: AssemblyFixture(typeof(Chromium))]
[assembly: Parallelization(Mode = ParallelMode.None)]

// Every test in this project needs a browser.
[assembly: Trait("Speed", "Slow")]
