using System.Globalization;

namespace Shipper.LogQl;

/// <summary>
/// Expressions of LogQL, by recursive descent:
/// <code>
/// expr      = unary { operator [ "bool" ] [ ("on" | "ignoring") names [ ("group_left" | "group_right") [ names ] ] ] unary }
/// unary     = selector pipeline | "(" expr ")" | [ "+" | "-" ] NUMBER | "vector" "(" NUMBER ")" | label_replace | vector | range
/// vector    = function [ grouping ] "(" [ NUMBER "," ] expr ")" [ grouping ]
/// range     = function "(" [ NUMBER "," ] logRange ")" [ grouping ]
/// logRange  = selector ( pipeline [ unwrap ] RANGE [ offset ] | RANGE [ offset ] pipeline [ unwrap ] )
/// grouping  = ( "by" | "without" ) names
/// </code>
/// </summary>
internal sealed class LogQlExpressions(LogQlTokens tokens, LogQlLabels labels)
{
    private readonly LogQlPipelines _pipelines = new(tokens, labels);

    private enum Result
    {
        Lines,
        Number,
        Vector,
    }

    /// <summary>Parses the whole query.</summary>
    /// <returns>True if the result is numbers, false if it is log lines.</returns>
    public bool ParseWhole()
    {
        Result result = ParseBinary(1);
        return tokens.Current.Kind == LogQlTokenKind.End ? result != Result.Lines : throw tokens.Unexpected("an operator or the end");
    }

    private Result ParseBinary(int lowest)
    {
        Result left = ParseUnary();
        while (PrecedenceOf(tokens.Current) is int precedence && precedence >= lowest)
        {
            string operation = tokens.Take().Value;
            ParseMatching();
            Result right = ParseBinary(operation == "^" ? precedence : precedence + 1);
            if (left == Result.Lines || right == Result.Lines)
            {
                throw new FormatException($"\"{operation}\" takes numbers, and one side has log lines");
            }

            if (precedence <= 2 && (left == Result.Number || right == Result.Number))
            {
                throw new FormatException($"\"{operation}\" takes vectors, and one side is a number; write vector(...)");
            }

            left = left == Result.Number && right == Result.Number ? Result.Number : Result.Vector;
        }

        return left;
    }

    private static int? PrecedenceOf(LogQlToken token) => token.Kind is not (LogQlTokenKind.Keyword or LogQlTokenKind.Symbol) ? null : token.Value switch
    {
        "or" => 1,
        "and" or "unless" => 2,
        "==" or "!=" or ">" or ">=" or "<" or "<=" => 3,
        "+" or "-" => 4,
        "*" or "/" or "%" => 5,
        "^" => 6,
        _ => null,
    };

    private void ParseMatching()
    {
        tokens.TryTake("bool");
        if (tokens.TryTake("on") || tokens.TryTake("ignoring"))
        {
            labels.Used.UnionWith(tokens.TakeNames());
            if ((tokens.TryTake("group_left") || tokens.TryTake("group_right")) && tokens.Current.Is("("))
            {
                // "group_left (names)" and a bare "group_left" followed by "(" have the same beginning.
                if (tokens.Following.Kind == LogQlTokenKind.Identifier || tokens.Following.Is(")"))
                {
                    labels.Used.UnionWith(tokens.TakeNames());
                }
            }
        }
    }

    private Result ParseUnary()
    {
        LogQlToken token = tokens.Current;
        if (token.Is("{"))
        {
            _pipelines.ParseSelector();
            _pipelines.ParsePipeline();
            return Result.Lines;
        }

        if (tokens.TryTake("("))
        {
            Result inner = ParseBinary(1);
            tokens.Expect(")");
            return inner;
        }

        if (token.Kind == LogQlTokenKind.Number || token.Is("+") || token.Is("-"))
        {
            ParseNumber();
            return Result.Number;
        }

        if (token.Kind != LogQlTokenKind.Keyword)
        {
            throw tokens.Unexpected("a selector or a function of LogQL");
        }

        string function = tokens.Take().Value;
        if (LogQlFunctions.OfRanges.Contains(function))
        {
            ParseRangeFunction(function);
        }
        else if (LogQlFunctions.OfVectors.Contains(function))
        {
            ParseVectorFunction(function);
        }
        else if (function == "vector")
        {
            tokens.Expect("(");
            tokens.Expect(LogQlTokenKind.Number);
            tokens.Expect(")");
        }
        else if (function == "label_replace")
        {
            ParseLabelReplace();
        }
        else
        {
            throw new FormatException($"\"{function}\" at {token.Position} does not begin an expression");
        }

        return Result.Vector;
    }

    private void ParseNumber()
    {
        _ = tokens.TryTake("+") || tokens.TryTake("-");
        tokens.Expect(LogQlTokenKind.Number);
    }

    private void ParseVectorFunction(string function)
    {
        IReadOnlyList<string>? groups = TryParseGrouping();
        tokens.Expect("(");
        string? parameter = TryParseParameter();
        if (ParseBinary(1) == Result.Lines)
        {
            throw new FormatException($"{function} takes numbers, not log lines; count them first, as in {function}(rate({{...}}[5m]))");
        }

        tokens.Expect(")");
        groups ??= TryParseGrouping();
        bool needsParameter = function is "topk" or "bottomk";
        if (needsParameter != parameter is not null)
        {
            throw new FormatException(needsParameter ? $"{function} needs a number first" : $"{function} takes no number first");
        }

        if (needsParameter && !(int.TryParse(parameter, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0))
        {
            throw new FormatException($"{function} needs a whole number above 0, not {parameter}");
        }

        if (function is "sort" or "sort_desc" && groups is { Count: > 0 })
        {
            throw new FormatException($"{function} can't group");
        }
    }

    private void ParseRangeFunction(string function)
    {
        tokens.Expect("(");
        string? parameter = TryParseParameter();
        bool isUnwrapped = ParseLogRange(function);
        tokens.Expect(")");
        bool isGrouped = TryParseGrouping() is not null;
        if ((function == "quantile_over_time") != parameter is not null)
        {
            throw new FormatException(parameter is null ? $"{function} needs a number first" : $"{function} takes no number first");
        }

        if (isGrouped && !LogQlFunctions.Grouped.Contains(function))
        {
            throw new FormatException($"{function} can't group; write sum by (...) ({function}(...))");
        }

        if (isUnwrapped ? LogQlFunctions.NeverUnwrapped.Contains(function) : !LogQlFunctions.OfLines.Contains(function))
        {
            throw new FormatException($"{function} {(isUnwrapped ? "takes lines, without" : "needs a number from each line, with")} unwrap");
        }
    }

    private bool ParseLogRange(string function)
    {
        bool hasRange = false;
        bool isParenthesized = tokens.TryTake("(");
        if (isParenthesized && tokens.Current.Is("("))
        {
            bool inner = ParseLogRange(function);
            tokens.Expect(")");
            return inner;
        }

        _pipelines.ParseSelector();
        bool hasStages = _pipelines.ParsePipeline();
        bool isUnwrapped = _pipelines.TryParseUnwrap();
        if (isParenthesized)
        {
            hasRange = TryParseRange();
            tokens.Expect(")");
        }

        if (!hasRange && !TryParseRange())
        {
            throw tokens.Unexpected($"a range such as [5m] for {function}");
        }

        if (!hasStages && !isUnwrapped)
        {
            _pipelines.ParsePipeline();
            isUnwrapped = _pipelines.TryParseUnwrap();
        }

        return isUnwrapped;
    }

    private bool TryParseRange()
    {
        if (tokens.Current.Kind != LogQlTokenKind.Range)
        {
            return false;
        }

        tokens.Take();
        if (tokens.TryTake("offset"))
        {
            tokens.Expect(LogQlTokenKind.Duration);
        }

        return true;
    }

    private string? TryParseParameter()
    {
        if (tokens.Current.Kind != LogQlTokenKind.Number || !tokens.Following.Is(","))
        {
            return null;
        }

        string parameter = tokens.Take().Value;
        tokens.Expect(",");
        return parameter;
    }

    private List<string>? TryParseGrouping()
    {
        if (!tokens.TryTake("by") && !tokens.TryTake("without"))
        {
            return null;
        }

        List<string> names = tokens.TakeNames();
        labels.Used.UnionWith(names);
        return names;
    }

    private void ParseLabelReplace()
    {
        tokens.Expect("(");
        if (ParseBinary(1) == Result.Lines)
        {
            throw new FormatException("label_replace takes numbers, not log lines");
        }

        List<string> texts = [];
        for (int i = 0; i < 4; i++)
        {
            tokens.Expect(",");
            texts.Add(tokens.Expect(LogQlTokenKind.Text));
        }

        tokens.Expect(")");
        labels.Made.Add(texts[0]);
        labels.Used.Add(texts[2]);
        LogQlText.ParseRegex(texts[3]);
    }
}
