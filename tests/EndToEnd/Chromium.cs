using Microsoft.Playwright;
using Parley.TestKit;

namespace Parley.EndToEnd;

/// <summary>The distribution's Chromium, driven headless.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Chromium(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    /// <summary>Skips the test when there is no Chromium here.</summary>
    public static async Task<Chromium> StartAsync()
    {
        if (ChildProcess.Find("chromium") is not { } program)
        {
            Assert.Skip("no browser: chromium is missing (Debian: apt-get install chromium)");
            throw new InvalidOperationException();
        }

        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        return new Chromium(playwright, browser);
    }

    public async Task<IPage> OpenAsync(string url)
    {
        var page = await _browser.NewPageAsync(new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = 900, Height = 760 } });
        page.SetDefaultTimeout(20_000);
        await page.GotoAsync(url);
        return page;
    }

    /// <summary>Keeps a picture of the page under the artifacts, for people.</summary>
    public static Task ShootAsync(IPage page, string name)
    {
        var folder = Path.Combine(Repository.Root, "artifacts", "screenshots");
        Directory.CreateDirectory(folder);
        return page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") });
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.CloseAsync();
        _playwright.Dispose();
    }
}
