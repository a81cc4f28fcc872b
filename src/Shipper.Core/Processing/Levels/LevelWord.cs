using System.Runtime.CompilerServices;

namespace Shipper.Processing.Levels;

/// <summary>What a word of a log line means: a level, or a part of a date.</summary>
/// <param name="Code">The level in the lower three bits, the kind above; 0 for any other word.</param>
internal readonly record struct LevelWord(byte Code)
{
    /// <summary>Length of the longest word, <c>informational</c>.</summary>
    public const int MaxBytes = 13;

    // Sources beside the well-known names: log15 and old Grafana (eror, dbug), logrus on terminals (erro, debu), Serilog (inf, wrn, ftl, vrb), Microsoft's
    // console (trce, fail, crit), java.util.logging (severe, config, fine; as SLF4J maps them), zap (dpanic), npm and winston (silly, http), MySQL (note).
    private static readonly WordTable Words = new WordTable()
        .With(Encode(RecordLevel.Trace, WordKind.Level), "trace trc trce trac vrb")
        .With(Encode(RecordLevel.Debug, WordKind.Level), "debug dbg dbug debu")
        .With(Encode(RecordLevel.Info, WordKind.Level), "info inf information informational notice")
        .With(Encode(RecordLevel.Warn, WordKind.Level), "warn warning wrn warni")
        .With(Encode(RecordLevel.Error, WordKind.Level), "error err eror erro severe")
        .With(Encode(RecordLevel.Fatal, WordKind.Level), "fatal ftl fata panic pani dpanic")
        .With(Encode(RecordLevel.Critical, WordKind.Level), "critical crit emerg emergency")
        .With(Encode(RecordLevel.Error, WordKind.BeforeColon), "fail")
        .With(Encode(RecordLevel.Trace, WordKind.Ordinary), "verbose finest")
        .With(Encode(RecordLevel.Debug, WordKind.Ordinary), "fine finer")
        .With(Encode(RecordLevel.Info, WordKind.Ordinary), "config log success")
        .With(Encode(RecordLevel.Critical, WordKind.Ordinary), "alert")
        .With(Encode(RecordLevel.Trace, WordKind.Value), "silly")
        .With(Encode(RecordLevel.Info, WordKind.Value), "note system http")
        .With(Encode(RecordLevel.Info, WordKind.Postgres), "statement detail hint context query location")
        .With(Encode(RecordLevel.None, WordKind.Date), "jan feb mar apr may jun jul aug sep oct nov dec mon tue wed thu fri sat sun")
        .With(Encode(RecordLevel.None, WordKind.Zone), "utc gmt cet cest bst est edt cst cdt mst mdt pst pdt msk ist jst kst hkt sgt aest am pm");

    /// <summary>The level; None for parts of a date.</summary>
    public RecordLevel Level => (RecordLevel)(Code & 7);

    /// <summary>Where the word states the level.</summary>
    public WordKind Kind => (WordKind)(Code >> 3);

    /// <summary>Looks up a word, in any case.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LevelWord Find(ReadOnlySpan<byte> word) => new(Words.Find(word));

    /// <summary>Returns the level of a single letter, as in <c>[E]</c>; None for other letters.</summary>
    public static RecordLevel OfLetter(byte letter) => letter switch
    {
        (byte)'T' or (byte)'V' => RecordLevel.Trace,
        (byte)'D' => RecordLevel.Debug,
        (byte)'I' or (byte)'N' => RecordLevel.Info,
        (byte)'W' => RecordLevel.Warn,
        (byte)'E' => RecordLevel.Error,
        (byte)'F' => RecordLevel.Fatal,
        (byte)'C' => RecordLevel.Critical,
        _ => RecordLevel.None,
    };

    private static byte Encode(RecordLevel level, WordKind kind) => (byte)((int)level | ((int)kind << 3));
}
