using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Shipper.Documents.Tests;

/// <summary>
/// Reads the string literals of C# code. Concatenated literals are one text, and each interpolation, other operand or placeholder of a log message becomes
/// a <see cref="Hole"/>. Literals within an interpolation are texts of their own.
/// </summary>
internal static partial class StringLiterals
{
    /// <summary>Stands for a value that is inserted at run time.</summary>
    public const char Hole = '\uFFFC';

    public static IReadOnlyList<string> Read(string code) =>
    [
        .. CSharpSyntaxTree.ParseText(code).GetRoot().DescendantNodes().OfType<ExpressionSyntax>()
            .Where(expression => HasText(expression) && !(expression.Parent is ExpressionSyntax parent && HasText(parent)))
            .Select(expression => Placeholder().Replace(TextOf(expression), $"{Hole}").ReplaceLineEndings(" ")),
    ];

    private static bool HasText(ExpressionSyntax expression) => expression switch
    {
        LiteralExpressionSyntax literal => literal.IsKind(SyntaxKind.StringLiteralExpression) || literal.IsKind(SyntaxKind.Utf8StringLiteralExpression),
        InterpolatedStringExpressionSyntax => true,
        BinaryExpressionSyntax sum => sum.IsKind(SyntaxKind.AddExpression) && (HasText(sum.Left) || HasText(sum.Right)),
        _ => false,
    };

    private static string TextOf(ExpressionSyntax expression) => expression switch
    {
        LiteralExpressionSyntax literal when HasText(literal) => literal.Token.ValueText,
        InterpolatedStringExpressionSyntax interpolated =>
            string.Concat(interpolated.Contents.Select(content => content is InterpolatedStringTextSyntax text ? Unescape(text.TextToken.ValueText) : $"{Hole}")),
        BinaryExpressionSyntax sum when HasText(sum) => TextOf(sum.Left) + TextOf(sum.Right),
        _ => $"{Hole}",
    };

    private static string Unescape(string text) => text.Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal);

    /// <summary>Matches a placeholder of a log message.</summary>
    [GeneratedRegex(@"\{\w+(?::[^{}]*)?\}")]
    private static partial Regex Placeholder();
}
