namespace Shipper.LogQl;

/// <summary>
/// Selectors and pipelines of LogQL:
/// <code>
/// selector  = "{" [ matcher { "," matcher } ] "}"
/// matcher   = NAME ("=" | "!=" | "=~" | "!~") STRING
/// pipeline  = { lines | "|" stage }
/// lines     = ("|=" | "!=" | "|~" | "!~" | "|>" | "!>") text { "or" text }
/// text      = STRING | "ip" "(" STRING ")"
/// unwrap    = "|" "unwrap" ( NAME | conversion "(" NAME ")" ) { "|" filter }
/// </code>
/// </summary>
internal sealed class LogQlPipelines(LogQlTokens tokens, LogQlLabels labels)
{
    private static readonly string[] LineFilters = ["|=", "!=", "|~", "!~", "|>", "!>"];

    private readonly LogQlStages _stages = new(tokens, labels);

    public void ParseSelector()
    {
        tokens.Expect("{");
        bool isBounded = false;
        if (!tokens.TryTake("}"))
        {
            do
            {
                isBounded |= ParseMatcher();
            }
            while (tokens.TryTake(","));
            tokens.Expect("}");
        }

        if (!isBounded)
        {
            throw new FormatException("a selector needs a matcher that an empty value does not match, as in {cluster=~\".+\"}");
        }
    }

    /// <summary>Parses the stages, if there are any.</summary>
    /// <returns>True if there was at least one.</returns>
    public bool ParsePipeline()
    {
        bool any = false;
        while (true)
        {
            if (Array.Exists(LineFilters, tokens.Current.Is))
            {
                ParseLineFilter();
            }
            else if (tokens.Current.Is("|") && !tokens.Following.Is("unwrap"))
            {
                tokens.Take();
                _stages.ParseStage();
            }
            else
            {
                return any;
            }

            any = true;
        }
    }

    /// <summary>Parses an unwrap, if there is one.</summary>
    public bool TryParseUnwrap()
    {
        if (!tokens.Current.Is("|") || !tokens.Following.Is("unwrap"))
        {
            return false;
        }

        tokens.Take();
        tokens.Take();
        if (tokens.Current.Kind == LogQlTokenKind.Keyword && LogQlFunctions.Conversions.Contains(tokens.Current.Value))
        {
            tokens.Take();
            tokens.Expect("(");
            labels.Used.Add(tokens.Expect(LogQlTokenKind.Identifier));
            tokens.Expect(")");
        }
        else
        {
            labels.Used.Add(tokens.Expect(LogQlTokenKind.Identifier));
        }

        while (tokens.TryTake("|"))
        {
            _stages.ParseFilter();
        }

        return true;
    }

    private bool ParseMatcher()
    {
        labels.Selected.Add(tokens.Expect(LogQlTokenKind.Identifier));
        string operation = tokens.Current.Is("=") || tokens.Current.Is("!=") || tokens.Current.Is("=~") || tokens.Current.Is("!~")
            ? tokens.Take().Value
            : throw tokens.Unexpected("=, !=, =~ or !~");
        string value = tokens.Expect(LogQlTokenKind.Text);
        return operation switch
        {
            "=" => value.Length > 0,
            "!=" => value.Length == 0,
            "=~" => !LogQlText.MatchesEmpty(value),
            _ => LogQlText.MatchesEmpty(value),
        };
    }

    private void ParseLineFilter()
    {
        string filter = tokens.Take().Value;
        do
        {
            if (tokens.TryTake("ip"))
            {
                if (filter is not ("|=" or "!="))
                {
                    throw new FormatException($"\"{filter}\" does not support ip()");
                }

                tokens.Expect("(");
                LogQlText.CheckAddress(tokens.Expect(LogQlTokenKind.Text));
                tokens.Expect(")");
                continue;
            }

            string text = tokens.Expect(LogQlTokenKind.Text);
            if (filter is "|~" or "!~")
            {
                LogQlText.ParseRegex(text);
            }
            else if (filter is "|>" or "!>")
            {
                LogQlText.CheckPatternFilter(text);
            }
        }
        while (tokens.TryTake("or"));
    }
}
