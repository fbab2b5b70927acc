package dev.flotilla.controller.dns;

/** Its servers never hear of a change. */
final class LateZone extends DelegatingZone {
    private int asked;

    LateZone(Zone zone) {
        super(zone);
    }

    int asked() {
        return asked;
    }

    @Override
    public boolean inSync(String changeId) {
        asked++;
        return false;
    }
}
