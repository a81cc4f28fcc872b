using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Kubernetes.Annotations;

/// <summary>Collects the wishes and the errors of one pod or namespace while its annotations are parsed.</summary>
/// <param name="allow">Globs of the keys that are obeyed.</param>
/// <param name="isNamespace">True for the annotations of a namespace.</param>
internal sealed class WishCollector(IReadOnlyList<NameGlob> allow, bool isNamespace)
{
    /// <summary>Maximum number of errors to describe. Of further ones, only the number is kept, for each reason.</summary>
    private const int MaxErrors = 20;

    /// <summary>What is wrong with a regex for which <see cref="TryTakePatterns"/> returns false.</summary>
    public static readonly string TooManyPatterns = $"is not obeyed: there are more than {PatternSyntax.MaxOfObject} regexes";

    private const int MaxValueChars = 100;
    private const int MaxKeyChars = 150;
    private const int MaxProblemChars = 400;

    private readonly List<Wish> _wishes = [];
    private readonly List<AnnotationError> _errors = [];
    private readonly SortedDictionary<string, int> _further = new(StringComparer.Ordinal);
    private int _patterns;

    public Wish[] Wishes => [.. _wishes];

    public AnnotationError[] Errors =>
    [
        .. _errors,
        .. _further.Select(pair => new AnnotationError(pair.Key, $"{pair.Value} more annotations are not obeyed: {pair.Key}") { Count = pair.Value }),
    ];

    public void Add(Wish wish) => _wishes.Add(wish);

    /// <summary>Counts regexes. Call before they are compiled.</summary>
    /// <returns>False if there are too many.</returns>
    public bool TryTakePatterns(int count) => (_patterns += count) <= PatternSyntax.MaxOfObject;

    /// <summary>Returns the name of an annotation as the reason why a log is left out.</summary>
    public string RuleOf(string key) => isNamespace ? $"annotation {key} of the namespace" : $"annotation {key}";

    /// <summary>True if the configuration allows a wish. Otherwise, an error is added.</summary>
    /// <param name="annotation">The annotation's key.</param>
    /// <param name="key">The wish, as our own annotations call it. Foreign annotations that ask for the same are allowed or refused together with it.</param>
    public bool Allows(string annotation, string key)
    {
        bool isAllowed = allow.Any(glob => glob.IsMatch(key));
        if (!isAllowed)
        {
            AddError(AnnotationErrorReasons.NotAllowed, annotation, $"is not obeyed: kubernetes.annotations.allow does not include {key}");
        }

        return isAllowed;
    }

    /// <summary>Adds an error that is about a value.</summary>
    /// <param name="problem">What is wrong, after the value: <c>must be a number</c>.</param>
    public void AddError(string reason, string annotation, string value, string problem) =>
        AddError(reason, annotation, $"\"{Show(value, MaxValueChars)}\" {problem}");

    /// <summary>Adds an error.</summary>
    /// <param name="problem">What is wrong, after the annotation's key: <c>is unknown</c>.</param>
    public void AddError(string reason, string annotation, string problem)
    {
        var error = new AnnotationError(reason, $"{Show(annotation, MaxKeyChars)}: {Show(problem, MaxProblemChars)}");
        if (_errors.Contains(error))
        {
            return;
        }

        if (_errors.Count < MaxErrors)
        {
            _errors.Add(error);
        }
        else
        {
            _further[reason] = _further.GetValueOrDefault(reason) + 1;
        }
    }

    /// <summary>Cuts a text, and replaces its control characters so that it stays in one line.</summary>
    private static string Show(string text, int maxChars)
    {
        string cut = Utf8Text.CutChars(text, maxChars);
        string shown = string.Concat(cut.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? '\uFFFD' : c));
        return cut.Length < text.Length ? shown + "…" : shown;
    }
}
