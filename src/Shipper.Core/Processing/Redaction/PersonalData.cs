namespace Shipper.Processing.Redaction;

/// <summary>Kinds of personal data. Their names in lower case are the ones in the configuration.</summary>
[Flags]
internal enum PersonalData
{
    None = 0,

    /// <summary>Numbers of payment cards.</summary>
    Cards = 1,

    /// <summary>E-mail addresses.</summary>
    Emails = 2,

    /// <summary>IPv4 and IPv6 addresses.</summary>
    Ips = 4,

    /// <summary>International bank account numbers.</summary>
    Ibans = 8,
}
