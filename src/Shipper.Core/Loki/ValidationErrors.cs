using System.Globalization;

namespace Shipper.Loki;

/// <summary>
/// Reads the errors that Loki's distributor reports for entries that it refused. Loki counts equal texts. A text contains the labels, and times to the second,
/// so one response may have thousands of different texts.
/// <code>
/// body   = error / group *("; " group)
/// group  = count " errors like: " error
/// error  = "entry for stream '" labels "' has timestamp too old: " time ", oldest acceptable timestamp is: " time
///        / "entry for stream '" labels "' has timestamp too new: " time
///        / "entry for stream '" labels "' has " number " label names; limit " number
///        / "max entry size '" number "' bytes exceeded for stream '" labels "' while adding an entry with length '" number "' bytes"
///        / "stream '" labels "' has " ( "label name too long" / "label value too long" / "duplicate label name" ) ": '" text "'"
///        / "stream '" labels "' includes structured metadata, but " text
///        / "stream '" labels "' has structured metadata too large: '" number "' bytes, limit: '" number "' bytes" text
///        / "stream '" labels "' has too many structured metadata labels: '" number "', limit: '" number "'" text
///        / "error at least one label pair is required per stream"
///        / "error parsing labels '" text "' with error: " text
///        / "missing required labels " text " for user " text [ " for stream " labels text ]
/// </code>
/// Source: grafana/loki, pkg/validation/validate.go and pkg/util/errors.go (GroupedErrors), 2.9 to main; capital letters differ between releases.
/// Text inside a label can't be mistaken for another error: labels are skipped as quoted text.
/// </summary>
internal sealed class ValidationErrors
{
    private const string Separator = "; ";
    private const string CountSuffix = " errors like: ";

    private readonly List<ValidationError> _errors = [];

    private ValidationErrors(bool isComplete) => IsComplete = isComplete;

    /// <summary>The errors, with the counts of the same kind and limit added up.</summary>
    public IReadOnlyList<ValidationError> All => _errors;

    /// <summary>False if a part of the text is unknown, or if the text ends too soon.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The error of that kind with the largest limit; null if there is none.</summary>
    public ValidationError? Find(RefusalKind kind)
    {
        ValidationError? found = null;
        foreach (ValidationError error in _errors)
        {
            found = error.Kind == kind && !(found?.Limit > error.Limit) ? error : found;
        }

        return found;
    }

    /// <summary>Returns how many entries are refused for a reason.</summary>
    public int CountOf(RefusalKind kind) => (int)Math.Min(int.MaxValue, _errors.Where(error => error.Kind == kind).Sum(error => (long)error.Count));

    /// <summary>Reads the body of a 400.</summary>
    /// <param name="isCut">True if this is only the beginning of the body.</param>
    /// <returns>Null if the body is something else.</returns>
    public static ValidationErrors? TryRead(ReadOnlySpan<char> text, bool isCut = false)
    {
        bool isGrouped = TryReadCount(text, out int count, out int position);
        var read = new ValidationErrors(!isCut);
        while (position < text.Length)
        {
            if (ErrorText.TryRead(text[position..], out ValidationError error, out int length))
            {
                read.Add(error with { Count = isGrouped ? count : 1 });
                position += length;
            }
            else if (!isGrouped)
            {
                return null;
            }
            else
            {
                read.IsComplete = false;
            }

            if (!isGrouped)
            {
                break;
            }

            // Skip text that a later release of Loki has added, up to the next group.
            position = FindGroup(text, position, out count);
        }

        return isGrouped || read._errors.Count > 0 ? read : null;
    }

    /// <summary>Reads <c>N errors like: </c>.</summary>
    private static bool TryReadCount(ReadOnlySpan<char> text, out int count, out int length)
    {
        int digits = text.IndexOfAnyExceptInRange('0', '9');
        length = 0;
        count = 0;
        if (digits <= 0 || !text[digits..].StartsWith(CountSuffix, StringComparison.OrdinalIgnoreCase)
            || !int.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out count))
        {
            return false;
        }

        length = digits + CountSuffix.Length;
        return true;
    }

    /// <summary>Finds where the error of the next group begins; the end of the text if there is none.</summary>
    private static int FindGroup(ReadOnlySpan<char> text, int position, out int count)
    {
        count = 0;
        while (text[position..].IndexOf(Separator, StringComparison.Ordinal) is >= 0 and int found)
        {
            position += found + Separator.Length;
            if (TryReadCount(text[position..], out count, out int length))
            {
                return position + length;
            }
        }

        return text.Length;
    }

    private void Add(ValidationError added)
    {
        // Times differ from text to text: only the bound counts.
        int index = _errors.FindIndex(error => error.Kind == added.Kind && error.Stream == added.Stream && (error.Limit == added.Limit || added.Kind is RefusalKind.TooNew or RefusalKind.TooOld));
        if (index < 0)
        {
            _errors.Add(added);
            return;
        }

        ValidationError known = _errors[index];
        _errors[index] = known with
        {
            Count = (int)Math.Min(int.MaxValue, (long)known.Count + added.Count),
            Limit = added.Kind == RefusalKind.TooNew ? Math.Min(known.Limit, added.Limit) : Math.Max(known.Limit, added.Limit),
        };
    }
}
