//! Floor `report`: what do people read? Lists, maps, the one-page report, settlement.
