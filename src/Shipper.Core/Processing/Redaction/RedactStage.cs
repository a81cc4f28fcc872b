using System.Numerics;
using System.Text;
using Shipper.Records;

namespace Shipper.Processing.Redaction;

/// <summary>
/// Removes secrets, personal data and what the patterns of the configuration match, from the line and from the structured metadata that stages have added. What
/// was removed becomes <c>[redacted:NAME]</c>. Immutable and shared by all lanes. Takes time linear in the length of the line.
/// </summary>
internal sealed class RedactStage : ProcessingStage
{
    /// <summary>Label <c>stage</c> of <c>shipper_processed_records_total</c>.</summary>
    public const string CountedStage = "redact";

    // The shortest password with its key, pwd=x, becomes less than five times as long.
    private const int MaxGrowth = 5;
    private const int MarkerRoom = 128;

    // Nearly always one round finds nothing more. Of keys within keys, each round removes one.
    private const int MaxRounds = 16;

    private readonly bool _secrets;
    private readonly PersonalData _personal;
    private readonly PatternScan? _patterns;
    private readonly RedactName[] _names;
    private readonly bool _hasAsciiNames;
    private readonly int _maxGrowth;
    private readonly bool _hasOthers;
    private readonly SecretFields? _fields;

    /// <param name="fields">The fields of <see cref="Fields.FieldsStage"/> whose name or path is that of a secret; null if there are none.</param>
    /// <exception cref="ArgumentException">A pattern is not a regex, or can't be matched without backtracking.</exception>
    public RedactStage(RedactOptions options, SecretFields? fields = null)
    {
        _fields = fields;
        _secrets = options.Secrets;
        _personal = options.Personal;
        _patterns = options.Patterns.Count > 0 ? new PatternScan(options.Patterns) : null;
        _hasOthers = _personal != PersonalData.None || _patterns is not null;
        _maxGrowth = (_patterns?.Names ?? []).Select(name => name.Marker.Length).Append(MaxGrowth).Max();
        _hasAsciiNames = options.Patterns.TrueForAll(pattern => Ascii.IsValid(pattern.Name));
        _names = [.. RedactName.BuiltIn, .. _patterns?.Names ?? []];
    }

    public override StageVerdict Apply(ref RecordDraft draft, StageContext context)
    {
        ulong found = 0;
        int first = _secrets ? SecretScan.IndexOfFirst(draft.Line, isCut: draft.Length > draft.Line.Length) : -1;
        if (first >= 0 || _hasOthers || context.Memory[draft.Output].KeyState != 0 || draft.HiddenKey != KeyMark.None)
        {
            found = RemoveFromLine(ref draft, context, first);
        }

        // A value that is a part of the line has no secret if the line has none. Levels and ids have none either.
        if (draft.AddedMetadataBytes > 0 && (first >= 0 || _hasOthers || _fields is not null || draft.HasUnescapedValue))
        {
            MetadataRedaction.Apply(this, ref draft, context, ref found);
        }

        if (found != 0)
        {
            Count(context, found);
        }

        return StageVerdict.Keep;
    }

    /// <summary>Follows a record that an earlier stage has dropped: a private key may begin or end in it.</summary>
    public void Follow(scoped in RecordDraft draft, ref OutputMemory memory)
    {
        if (_secrets)
        {
            int keyState = memory.KeyState;
            PrivateKeyRule.Follow(draft.Line, draft.Length, draft.HiddenKey, ref keyState);
            memory.KeyState = keyState;
        }
    }

    /// <summary>Removes the same from a single value, for example of a label. Allocates; not for values of records.</summary>
    public string Redact(string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        int capacity = (bytes.Length * _maxGrowth) + MarkerRoom;
        var text = new RedactText(bytes, new byte[capacity], new byte[capacity], context: null);
        Run(ref text);
        RunAgain(ref text);
        return text.IsChanged ? Encoding.UTF8.GetString(text.Text) : value;
    }

    /// <summary>Returns true if any of some pairs may have something to remove. One search in all of them costs less than one in each.</summary>
    /// <param name="pairs">Pairs, as <see cref="EntryMetadata"/> encodes them.</param>
    internal bool MayChangeAny(ReadOnlySpan<byte> pairs) => _hasOthers || _fields is not null || SecretScan.MayFind(pairs);

    /// <summary>Returns true if a value may have something to remove. It costs less than to look.</summary>
    internal bool MayChange(ReadOnlySpan<byte> value) =>
        _patterns is not null

        // All personal data has a digit or an at sign, but most levels and words don't.
        || (_personal != PersonalData.None && (value.ContainsAnyInRange((byte)'0', (byte)'9') || value.Contains((byte)'@')))
        || (_secrets && SecretScan.MayFind(value));

    /// <summary>
    /// Removes what has become recognizable because something beside it was removed, so that redacting the result once more would change nothing.
    /// </summary>
    internal void RunAgain(ref RedactText text)
    {
        int changes = 0;
        for (int round = 0; round < MaxRounds && text.Changes > changes; round++)
        {
            changes = text.Changes;
            Run(ref text);
        }
    }

    /// <summary>Removes everything from a text that is not a line.</summary>
    internal void Run(ref RedactText text)
    {
        if (_secrets)
        {
            int keyState = 0;
            SecretScan.Run(ref text, SecretScan.IndexOfFirst(text.Text, text.IsCut), ref keyState);
        }

        RunOthers(ref text);
    }

    /// <summary>True if the value of a pair is removed as a whole, because its name or the path that it comes from is that of a secret.</summary>
    internal bool IsSecret(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        _secrets && (IsSecret(KeyNames.KindOf(name), value) || (_fields is not null && IsSecret(_fields.KindOf(name), value)));

    private static bool IsSecret(KeyKind kind, ReadOnlySpan<byte> value) => kind != KeyKind.None && SecretValues.IsSecret(value, kind, isText: false);

    /// <summary>Upper bound of the length of a value from which something was removed: a few bytes may become a marker.</summary>
    internal int MaxLength(int length) => Math.Min(EntryMetadata.MaxBytes, (length * _maxGrowth) + MarkerRoom);

    /// <summary>Removes everything from the line.</summary>
    /// <param name="first">The first place at which a secret may be; -1 if there is none.</param>
    /// <returns>The kinds that were removed, as <see cref="RedactName.Bit"/>.</returns>
    private ulong RemoveFromLine(ref RecordDraft draft, StageContext context, int first)
    {
        var text = new RedactText(draft.Line, draft.Length, context);
        if (_secrets)
        {
            // A copy, because a reference into the memory could not be passed on with the text.
            ref OutputMemory memory = ref context.Memory[draft.Output];
            int keyState = memory.KeyState;
            SecretScan.Run(ref text, first, ref keyState);
            PrivateKeyRule.Follow(draft.HiddenKey, ref keyState);
            memory.KeyState = keyState;
        }

        RunOthers(ref text);
        if (text.IsChanged)
        {
            RunAgain(ref text);
            draft.Line = text.Text;
            draft.Length = text.Length;
            draft.IsAscii &= _hasAsciiNames;
        }

        return text.Found;
    }

    private void RunOthers(ref RedactText text)
    {
        if (_personal != PersonalData.None)
        {
            PersonalScan.Run(ref text, _personal);
        }

        _patterns?.Run(ref text);
    }

    /// <summary>Counts the record once for each kind.</summary>
    private void Count(StageContext context, ulong found)
    {
        for (; found != 0; found &= found - 1)
        {
            context.Count(CountedStage, _names[BitOperations.TrailingZeroCount(found)].CountedAs, 1);
        }
    }
}
