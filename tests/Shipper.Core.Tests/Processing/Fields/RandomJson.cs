using System.Text;

namespace Shipper.Core.Tests.Processing.Fields;

/// <summary>Writes random JSON objects, with white space, escapes and nested values.</summary>
internal static class RandomJson
{
    private static readonly string[] Strings = ["a", new string('x', 70), "level", "trace_id", "user.id", "x y", "ä", "😀", "", "\\\"", "\\\\", "a\\nb", "\\u00e4", "\\ud83d\\ude00", "{", "]", ",", ":", "\\/"];
    private static readonly string[] Scalars = ["true", "false", "null", "0", "-1.5e+10", "12345678901234567890", "30"];

    /// <summary>Returns an object whose values nest at most so deep.</summary>
    public static string Object(Random random, int depth)
    {
        var text = new StringBuilder();
        AppendObject(text, random, depth);
        return text.ToString();
    }

    private static void AppendObject(StringBuilder text, Random random, int depth)
    {
        text.Append(Space(random)).Append('{').Append(Space(random));
        int count = random.Next(6);
        for (int i = 0; i < count; i++)
        {
            text.Append(i > 0 ? "," : "").Append(Space(random)).Append(String(random)).Append(Space(random)).Append(':').Append(Space(random));
            AppendValue(text, random, depth - 1);
            text.Append(Space(random));
        }

        text.Append('}');
    }

    private static void AppendValue(StringBuilder text, Random random, int depth)
    {
        switch (random.Next(depth > 0 ? 5 : 2))
        {
            case 0:
                text.Append(String(random));
                break;
            case 1:
                text.Append(Scalars[random.Next(Scalars.Length)]);
                break;
            case 2:
                text.Append('[');
                int count = random.Next(4);
                for (int i = 0; i < count; i++)
                {
                    text.Append(i > 0 ? "," : "");
                    AppendValue(text, random, depth - 1);
                }

                text.Append(']');
                break;
            default:
                AppendObject(text, random, depth);
                break;
        }
    }

    private static string String(Random random)
    {
        string text = "";
        for (int i = random.Next(4); i > 0; i--)
        {
            text += Strings[random.Next(Strings.Length)];
        }

        return $"\"{text}\"";
    }

    private static string Space(Random random) => random.Next(6) switch { 0 => " ", 1 => "\n\t", _ => "" };
}
