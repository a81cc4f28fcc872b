namespace Shipper.LogQl;

/// <summary>
/// Stages of a pipeline, after "|":
/// <code>
/// stage     = "json" [ paths ] | "logfmt" { FLAG } [ paths ] | "regexp" STRING | "pattern" STRING | "unpack" | "decolorize"
///           | "line_format" STRING | "label_format" NAME "=" (NAME | STRING) { "," ... } | ("drop" | "keep") name { "," name } | filter
/// paths     = NAME [ "=" STRING ] { "," ... }
/// filter    = term { [ "and" | "or" | "," ] term }
/// term      = "(" filter ")" | NAME operator ( STRING | NUMBER | DURATION | BYTES | "ip" "(" STRING ")" )
/// </code>
/// </summary>
internal sealed class LogQlStages(LogQlTokens tokens, LogQlLabels labels)
{
    public void ParseStage()
    {
        switch (tokens.Current is { Kind: LogQlTokenKind.Keyword } keyword ? keyword.Value : "")
        {
            case "json":
                tokens.Take();
                ParsePaths(isJson: true);
                break;
            case "logfmt":
                tokens.Take();
                while (tokens.Current.Kind == LogQlTokenKind.Flag)
                {
                    tokens.Take();
                }

                ParsePaths(isJson: false);
                break;
            case "regexp":
                tokens.Take();
                labels.Made.UnionWith(LogQlText.CapturesOfRegexp(tokens.Expect(LogQlTokenKind.Text)));
                break;
            case "pattern":
                tokens.Take();
                labels.Made.UnionWith(LogQlText.CapturesOfPattern(tokens.Expect(LogQlTokenKind.Text)));
                break;
            case "unpack":
                tokens.Take();
                labels.AreOpen = true;
                break;
            case "decolorize":
                tokens.Take();
                break;
            case "line_format":
                tokens.Take();
                LogQlText.CheckTemplate(tokens.Expect(LogQlTokenKind.Text));
                break;
            case "label_format":
                tokens.Take();
                ParseLabelFormats();
                break;
            case "drop" or "keep":
                tokens.Take();
                ParseNames();
                break;
            default:
                ParseFilter();
                break;
        }
    }

    public void ParseFilter()
    {
        ParseTerm();
        while (tokens.TryTake("and") || tokens.TryTake("or") || tokens.TryTake(",")
            || tokens.Current.Kind == LogQlTokenKind.Identifier || tokens.Current.Is("("))
        {
            ParseTerm();
        }
    }

    private void ParseTerm()
    {
        if (tokens.TryTake("("))
        {
            ParseFilter();
            tokens.Expect(")");
            return;
        }

        labels.Used.Add(tokens.Expect(LogQlTokenKind.Identifier));
        string operation = tokens.Current is { Kind: LogQlTokenKind.Symbol, Value: "=" or "!=" or "=~" or "!~" or "==" or ">" or ">=" or "<" or "<=" }
            ? tokens.Take().Value
            : throw tokens.Unexpected("a comparison");
        bool ofText = operation is "=" or "!=" or "=~" or "!~";
        bool ofRegex = operation is "=~" or "!~";
        if (ofText && tokens.Current.Kind == LogQlTokenKind.Text)
        {
            string text = tokens.Take().Value;
            if (ofRegex)
            {
                LogQlText.ParseRegex(text);
            }
        }
        else if (ofText && !ofRegex && tokens.TryTake("ip"))
        {
            tokens.Expect("(");
            LogQlText.CheckAddress(tokens.Expect(LogQlTokenKind.Text));
            tokens.Expect(")");
        }
        else if (!ofRegex)
        {
            ParseValue();
        }
        else
        {
            throw tokens.Unexpected("a string");
        }
    }

    private void ParseValue()
    {
        if (tokens.Current.Kind is LogQlTokenKind.Duration or LogQlTokenKind.Bytes)
        {
            tokens.Take();
            return;
        }

        _ = tokens.TryTake("+") || tokens.TryTake("-");
        tokens.Expect(LogQlTokenKind.Number);
    }

    /// <summary>Parses the paths of a parser. Without paths, the parser creates labels for all fields of a line.</summary>
    private void ParsePaths(bool isJson)
    {
        if (tokens.Current.Kind != LogQlTokenKind.Identifier)
        {
            labels.AreOpen = true;
            return;
        }

        do
        {
            labels.Made.Add(tokens.Expect(LogQlTokenKind.Identifier));
            if (tokens.TryTake("=") && tokens.Expect(LogQlTokenKind.Text) is { } path && isJson)
            {
                LogQlText.CheckJsonPath(path);
            }
        }
        while (tokens.TryTake(","));
    }

    private void ParseLabelFormats()
    {
        HashSet<string> names = [];
        do
        {
            string name = tokens.Expect(LogQlTokenKind.Identifier);
            tokens.Expect("=");
            if (!names.Add(name) || name == "__error__")
            {
                throw new FormatException($"label_format can't make {name}{(name == "__error__" ? "" : " twice")}");
            }

            if (tokens.Current.Kind == LogQlTokenKind.Identifier)
            {
                labels.Used.Add(tokens.Take().Value);
            }
            else
            {
                LogQlText.CheckTemplate(tokens.Expect(LogQlTokenKind.Text));
            }
        }
        while (tokens.TryTake(","));
        labels.Made.UnionWith(names);
    }

    private void ParseNames()
    {
        do
        {
            labels.Used.Add(tokens.Expect(LogQlTokenKind.Identifier));
            if (tokens.Current is { Kind: LogQlTokenKind.Symbol, Value: "=" or "!=" or "=~" or "!~" })
            {
                bool ofRegex = tokens.Take().Value is "=~" or "!~";
                string text = tokens.Expect(LogQlTokenKind.Text);
                if (ofRegex)
                {
                    LogQlText.ParseRegex(text);
                }
            }
        }
        while (tokens.TryTake(","));
    }
}
