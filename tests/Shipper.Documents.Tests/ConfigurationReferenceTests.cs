using System.Text.Json.Nodes;
using Shipper.Testing.Program;

namespace Shipper.Documents.Tests;

public class ConfigurationReferenceTests
{
    private const string Begin = "<!-- configuration: made of shipper schema -->\n";
    private const string End = "<!-- end of configuration -->\n";

    [Fact]
    public async Task Reference_InDocument_ListsEveryKey()
    {
        CommandResult schema = await ShipperProgram.RunAsync("schema");

        await GeneratedPart.CheckAsync(DocumentFiles.Configuration, Begin, End, ConfigurationReference.Create(JsonNode.Parse(schema.Output)!));
    }
}
