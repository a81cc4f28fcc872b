using System.Reflection;
using System.Reflection.Emit;
using Shipper.Agents;

namespace Shipper.Core.Tests;

/// <summary>Each namespace is a layer and uses no layer above its own. So there are no circular dependencies.</summary>
public class LayerTests
{
    private const BindingFlags All = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>From bottom to top.</summary>
    private static readonly string[] Layers =
    [
        "Records", "Native", "Proxies", "Telemetry", "Net", "Parsing", "Content", "Processing", "Loki", "Taps", "Checkpoints", "Batching", "Discovery.Rotation", "Discovery", "Delivery", "Lanes",
        "Tailing.Copies", "Tailing.Streams", "Tailing.Losses", "Tailing.Files", "Tailing.Reading", "Tailing.Held", "Tailing",
        "Kubernetes.Api", "Kubernetes.Annotations", "Kubernetes", "Journal", "Enrichment", "Status", "Agents",
    ];

    private static readonly Dictionary<short, OpCode> OpCodesByValue =
        typeof(OpCodes).GetFields().Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    [Fact]
    public void Assembly_EveryType_HasALayer() =>
        Assert.All(OwnTypes(), type => Assert.True(LevelOf(type.Namespace!) >= 0, $"{type.Namespace} has no layer"));

    [Fact]
    public void Assembly_EveryType_UsesOnlyLayersBelow()
    {
        IEnumerable<string> upwards =
            from type in OwnTypes()
            from used in Used(type)
            where IsOwn(used) && LevelOf(used.Namespace!) > LevelOf(type.Namespace!)
            select $"{type.FullName} uses {used.FullName}";

        Assert.Empty(upwards.Distinct().Order(StringComparer.Ordinal));
    }

    private static IEnumerable<Type> OwnTypes() => typeof(Agent).Assembly.GetTypes().Where(IsOwn);

    private static bool IsOwn(Type type) => type.Assembly == typeof(Agent).Assembly && type.Namespace?.StartsWith("Shipper.", StringComparison.Ordinal) == true;

    /// <summary>
    /// Operations and checkpoints are one layer: operations change the state, and the state is written as operations. The stages of processing are one layer
    /// with what runs them. The status and the explanations refer to each other.
    /// </summary>
    private static int LevelOf(string name) => Array.IndexOf(Layers, name switch
    {
        "Shipper.Checkpoints.Operations" => "Checkpoints",
        _ when name.StartsWith("Shipper.Processing.", StringComparison.Ordinal) => "Processing",
        "Shipper.Status.Explaining" => "Status",
        _ => name["Shipper.".Length..],
    });

    /// <summary>All types in the declaration of a type and in the code of its members.</summary>
    private static IEnumerable<Type> Used(Type type) =>
        ((IEnumerable<Type?>)[type.BaseType, .. type.GetInterfaces(), .. type.GetFields(All).Select(field => field.FieldType)])
        .Concat(type.GetMembers(All).OfType<MethodBase>().SelectMany(Used))
        .OfType<Type>().SelectMany(Parts);

    private static IEnumerable<Type?> Used(MethodBase method) =>
    [
        (method as MethodInfo)?.ReturnType,
        .. method.GetParameters().Select(parameter => parameter.ParameterType),
        .. method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType) ?? [],
        .. Tokens(method).SelectMany(member => member is MethodBase called
            ? [member.DeclaringType, (member as MethodInfo)?.ReturnType, .. called.IsGenericMethod ? called.GetGenericArguments() : []]
            : (IEnumerable<Type?>)[member as Type ?? member.DeclaringType]),
    ];

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!) : [type, .. type.GetGenericArguments().SelectMany(Parts)];

    /// <summary>The members that a method's code refers to (ECMA-335, III.1.9).</summary>
    private static IEnumerable<MemberInfo> Tokens(MethodBase method)
    {
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        Type[]? ofType = method.DeclaringType is { IsGenericType: true } declaring ? declaring.GetGenericArguments() : null;
        Type[]? ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (int at = 0; at < code.Length;)
        {
            OpCode operation = OpCodesByValue[code[at] == 0xFE ? unchecked((short)(0xFE00 | code[at + 1])) : code[at]];
            at += operation.Size;
            if (operation.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                yield return method.Module.ResolveMember(BitConverter.ToInt32(code, at), ofType, ofMethod)!;
            }

            at += operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }
}
