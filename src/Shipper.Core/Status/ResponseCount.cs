namespace Shipper.Status;

/// <summary>Number of pushes with one result.</summary>
/// <param name="Status">Label <c>status</c> of <c>shipper_push_requests_total</c>.</param>
internal sealed record ResponseCount(string Status, long Requests);
