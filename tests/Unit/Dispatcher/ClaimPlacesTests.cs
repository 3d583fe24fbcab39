using Microsoft.Extensions.Options;
using Parley.Dispatcher;
using Parley.Dispatcher.Sending;

namespace Parley.Unit.Dispatcher;

public sealed class ClaimPlacesTests
{
    private readonly ClaimPlaces _places = new(Options.Create(new DispatcherOptions { ClaimsPerAccount = 3 }));

    [Theory]
    [InlineData(0, 3)]
    [InlineData(80, 3)]
    [InlineData(1_000, 20)]
    public async Task An_account_has_the_places_of_the_setting_or_a_fiftieth_of_what_it_may_send_in_a_second(double perSecond, int places)
    {
        var pace = new SendPace(perSecond);
        for (var i = 0; i < places; i++) await _places.TakeAsync("whatsapp", "1", pace, TestContext.Current.CancellationToken);

        var next = _places.TakeAsync("whatsapp", "1", pace, TestContext.Current.CancellationToken);
        Assert.False(next.IsCompleted);
        Assert.True(_places.TakeAsync("whatsapp", "2", pace, TestContext.Current.CancellationToken).IsCompletedSuccessfully);
    }
}
