namespace Shipper.Processing.Levels;

/// <summary>What the value of a key states, in JSON and logfmt.</summary>
internal enum LevelKey : byte
{
    /// <summary>Nothing about the level.</summary>
    None,

    /// <summary>The level as a word or a letter, or as a number of pino, bunyan, monolog or logback.</summary>
    Level,

    /// <summary>The level as a word only: numbers of keys like <c>severity</c> have too many meanings.</summary>
    Word,

    /// <summary>A severity of syslog, 0 to 7, or a word. Applications also call other things a priority, so another key takes precedence.</summary>
    Syslog,

    /// <summary>A severity number of OpenTelemetry, 1 to 24.</summary>
    OpenTelemetry,

    /// <summary>In JSON: the level if the value is an object (<c>"log":{"level":"info"}</c>).</summary>
    LogObject,

    /// <summary>In JSON: a severity of syslog, or an object with one.</summary>
    SyslogObject,

    /// <summary>In JSON: the level of Serilog's compact format. If it is missing, the level is info.</summary>
    Serilog,

    /// <summary>In JSON: the time of Serilog's compact format.</summary>
    SerilogTime,

    /// <summary>In JSON: the severity of MongoDB, if the object also has the next two.</summary>
    Mongo,

    /// <summary>In JSON: the component of MongoDB.</summary>
    MongoComponent,

    /// <summary>In JSON: the time or the number of a message of MongoDB.</summary>
    MongoTimeOrId,
}
