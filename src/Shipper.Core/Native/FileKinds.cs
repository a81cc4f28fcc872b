namespace Shipper.Native;

/// <summary>Describes types of files.</summary>
internal static class FileKinds
{
    public static string Describe(this FileKind kind) => kind switch
    {
        FileKind.Regular => "a file",
        FileKind.Directory => "a directory",
        FileKind.Pipe => "a pipe",
        FileKind.Socket => "a socket",
        FileKind.CharacterDevice or FileKind.BlockDevice => "a device",
        _ => "a special file",
    };
}
