namespace Parley.Common.Conversations;

/// <summary>
/// What makes a customer's message one message: the same id for the same tenant, channel and account is the same message, however
/// often it is delivered. Unique in the store.
/// </summary>
public readonly record struct MessageIdentity(string Tenant, string Channel, string Account, string MessageId);
