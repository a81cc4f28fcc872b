using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Shipper.Testing.Program;

/// <summary>The chart, the values that its tests render it with, and the golden renderings.</summary>
internal static class ChartFiles
{
    public const string UpdateVariable = "SHIPPER_UPDATE_GOLDEN";

    /// <summary>Remedy in the message of a test that finds a generated file out of date.</summary>
    public const string HowToUpdate = $"Run the tests of Shipper.Chart.Tests again with {UpdateVariable}=1 and helm on the PATH, and review the changes.";

    private static readonly string Here = Path.Combine(Repository.Root, "tests/Shipper.Chart.Tests");

    /// <summary>Path of the chart.</summary>
    public static string Directory { get; } = Path.Combine(Repository.Root, "charts/shipper");

    public static string ValuesSchema { get; } = Path.Combine(Directory, "values.schema.json");

    public static string Alerts { get; } = Path.Combine(Directory, "files/alerts.yaml");

    public static string AlertTests { get; } = Path.Combine(Here, "alerts.test.yaml");

    public static string Dashboard { get; } = Path.Combine(Directory, "dashboards/shipper.json");

    /// <summary>Path of the file with the hash of the files that the golden renderings were made from.</summary>
    public static string GoldenHash { get; } = Path.Combine(Here, "Golden/chart.sha256");

    /// <summary>True if generated files are to be written instead of compared.</summary>
    public static bool IsUpdating { get; } = Environment.GetEnvironmentVariable(UpdateVariable) == "1";

    /// <summary>Names of the values files; each has a golden rendering.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. System.IO.Directory.GetFiles(Path.Combine(Here, "Values")).Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];

    public static string ValuesFile(string name) => Path.Combine(Here, $"Values/{name}.yaml");

    public static string GoldenFile(string name) => Path.Combine(Here, $"Golden/{name}.yaml");

    /// <summary>Returns the chart's values, overridden by those of a file, as helm does.</summary>
    public static JsonObject ReadValues(string? name = null)
    {
        var values = (JsonObject)YamlJson.ReadFile(Path.Combine(Directory, "values.yaml")).Single()!;
        if (name is not null)
        {
            Merge(values, (JsonObject)YamlJson.ReadFile(ValuesFile(name)).Single()!);
        }

        return values;
    }

    /// <summary>Returns the hash of all files that affect a rendering.</summary>
    public static string Hash()
    {
        string[] files =
        [
            Path.Combine(Directory, "Chart.yaml"), Path.Combine(Directory, "values.yaml"),
            .. ((string[])["templates", "files", "dashboards"]).SelectMany(name => System.IO.Directory.GetFiles(Path.Combine(Directory, name), "*", SearchOption.AllDirectories)),
            .. Names.Select(ValuesFile),
        ];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in files.Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetRelativePath(Repository.Root, file)}\n"));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Overrides values with others, as helm does.</summary>
    public static void Merge(JsonObject below, JsonObject above)
    {
        foreach ((string key, JsonNode? value) in above)
        {
            if (value is JsonObject section && below[key] is JsonObject same)
            {
                Merge(same, section);
            }
            else
            {
                below[key] = value?.DeepClone();
            }
        }
    }
}
