namespace Parley.Standalone.Simulator;

/// <summary>A file of the simulator's page, out of the program itself.</summary>
internal static class PageFile
{
    public static IResult Serve(HttpContext http, string name)
    {
        var type = System.IO.Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            _ => null,
        };
        var file = type is null ? null : typeof(PageFile).Assembly.GetManifestResourceStream($"simulator/{name}");
        if (file is null) return TypedResults.NotFound();

        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-cache";
        return TypedResults.Stream(file, type);
    }
}
