using System.Globalization;
using System.Text.Json;
using Parley.Common.Records;
using Parley.Ingest.Reading;

namespace Parley.Ingest.Api.Messages;

/// <summary>The <c>content</c> of a message that comes by the API.</summary>
internal static class ContentRequest
{
    private const int MaxMedia = 10;
    private const int MaxUrlChars = 2048;
    private static readonly string[] Members = ["type", "text", "choice_id", "media", "data"];
    private static readonly string[] MediaMembers = ["id", "url", "mime_type", "sha256", "file_name", "size_bytes"];
    private static readonly string[] MediaTypes = ["image", "audio", "video", "document", "sticker"];
    private static readonly string[] Types = ["text", .. MediaTypes, "location", "contacts", "choice", "order"];

    /// <summary>The content; null when an error was noted.</summary>
    public static MessageContent? Read(JsonElement content, List<FieldError> errors)
    {
        var before = errors.Count;
        var check = new FieldCheck(content, errors, "body", "content");
        check.OnlyMembers(Members);

        var type = check.Text("type", required: true, maxChars: 32);
        if (type is not null && !Types.Contains(type)) check.Wrong("type", $"Input should be one of {string.Join(", ", Types)}", "enum");

        var text = check.Text("text", required: type == "text", Limits.TextChars, multiline: true);
        var choice = check.Text("choice_id", required: type == "choice", Limits.IdChars);
        var media = check.Array("media", required: MediaTypes.Contains(type), MaxMedia).Select((m, i) => Media(m, i, errors)).ToList();
        var data = check.Object("data", required: type is "location" or "contacts" or "order");
        if (type == "location" && data is { } place) CheckPlace(place, errors);

        return errors.Count > before ? null : new MessageContent
        {
            Type = type!,
            Text = text,
            ChoiceId = choice,
            Media = media.Count > 0 ? [.. media.OfType<MediaReference>()] : null,
            Data = data?.Clone(),
        };
    }

    private static MediaReference? Media(JsonElement media, int index, List<FieldError> errors)
    {
        var before = errors.Count;
        var check = new FieldCheck(media, errors, "body", "content", "media", index.ToString(CultureInfo.InvariantCulture));
        if (!check.IsObject()) return null;
        check.OnlyMembers(MediaMembers);

        var url = check.Text("url", required: false, MaxUrlChars);
        if (url is not null && !(Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme == Uri.UriSchemeHttps))
        {
            check.Wrong("url", "Input should be an absolute https address", "url_scheme");
        }

        var id = check.Text("id", required: url is null, MaxUrlChars);
        var mimeType = check.Text("mime_type", required: false, Limits.IdChars);
        var sha256 = check.Text("sha256", required: false, Limits.IdChars);
        var fileName = check.Text("file_name", required: false, Limits.IdChars);
        var size = check.Number("size_bytes", required: false, 0, 1L << 40);
        return errors.Count > before ? null : new MediaReference(id ?? url!, mimeType, sha256, fileName, (long)(size ?? 0), url);
    }

    private static void CheckPlace(JsonElement place, List<FieldError> errors)
    {
        var check = new FieldCheck(place, errors, "body", "content", "data");
        check.Number("latitude", required: true, -90, 90);
        check.Number("longitude", required: true, -180, 180);
    }
}
