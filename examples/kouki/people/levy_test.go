package people

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLevy(t *testing.T) {
	tests := []struct {
		reason         string
		pension, other int64
		want           Levy
	}{
		{"basic pension alone: per head reduced by 70 %", 800_000, 0, Levy{
			PerHead: 14_850, Child: 400, Premium: 14_800 + 400, Reduction: SevenTenths, Burden: 1, ByPension: true}},
		{"a pension of which premiums would take more than half", 180_000, 0, Levy{
			PerHead: 14_850, Child: 400, Premium: 15_200, Reduction: SevenTenths, Burden: 1}},
		{"a pension below 180,000 yen", 179_999, 0, Levy{PerHead: 14_850, Child: 400, Premium: 15_200, Reduction: SevenTenths, Burden: 1}},
		{"the last yen of 70 %", 1_680_000, 0, Levy{TotalIncome: 580_000, BaseIncome: 150_000, TaxableIncome: 120_000,
			PerHead: 14_850, IncomeBased: 13_980, Child: 800, Premium: 28_800 + 800, Reduction: SevenTenths, Burden: 1, ByPension: true}},
		{"the first yen of 50 %", 1_680_001, 0, Levy{TotalIncome: 580_001, BaseIncome: 150_001, TaxableIncome: 110_000,
			PerHead: 24_750, IncomeBased: 13_980, Child: 1_100, Premium: 38_700 + 1_100, Reduction: FiveTenths, Burden: 1, ByPension: true}},
		{"20 %", 2_200_000, 0, Levy{TotalIncome: 1_100_000, BaseIncome: 670_000, TaxableIncome: 565_000,
			PerHead: 39_600, IncomeBased: 62_444, Child: 2_900, Premium: 102_000 + 2_900, Reduction: TwoTenths, Burden: 2, ByPension: true}},
		{"no reduction", 2_300_000, 0, Levy{TotalIncome: 1_200_000, BaseIncome: 770_000, TaxableIncome: 645_000,
			PerHead: 49_500, IncomeBased: 71_764, Child: 3_500, Premium: 121_200 + 3_500, Reduction: NoReduction, Burden: 2, ByPension: true}},
		{"other income of 3 million", 1_000_000, 3_000_000, Levy{TotalIncome: 3_000_000, BaseIncome: 2_570_000, TaxableIncome: 2_272_000,
			PerHead: 49_500, IncomeBased: 239_524, Child: 8_500, Premium: 289_000 + 8_500, Reduction: NoReduction, Burden: 3, ByPension: true}},
		{"both caps", 0, 20_000_000, Levy{TotalIncome: 20_000_000, BaseIncome: 19_570_000, TaxableIncome: 18_699_000,
			PerHead: 49_500, IncomeBased: 1_823_924, Child: 21_000, Premium: 850_000 + 21_000, Reduction: NoReduction, Burden: 3}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, levy(tt.pension, tt.other)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
}

func TestPensionIncome(t *testing.T) {
	for pension, want := range map[int64]int64{
		0: 0, 1_100_000: 0, 1_100_001: 1, 3_300_000: 2_200_000, 3_300_004: 2_200_003, 4_100_000: 2_800_000, 4_100_020: 2_800_017,
		7_700_000: 5_860_000, 7_700_020: 5_860_019, 9_000_000: 7_095_000,
	} {
		if got := pensionIncome(pension); got != want {
			t.Errorf("pensionIncome(%d) = %d, want %d", pension, got, want)
		}
	}
}

func TestPlaces(t *testing.T) {
	codes, names := map[string]bool{}, map[string]bool{}
	for _, p := range places {
		codes[p.code], names[p.name] = true, true
		if p.weight <= 0 || len(p.code) != 3 || len(p.post) != 3 || len(p.area) < 3 || len(p.area) > 4 {
			t.Errorf("place %+v", p)
		}
	}
	if len(places) != 44 || len(codes) != 44 || len(names) != 44 {
		t.Errorf("%d places with %d codes and %d names, want 44 each", len(places), len(codes), len(names))
	}
	// 39 + 08 + 201 and its verification number are the worked example for Mito, whose code is 201 too.
	if got := insurerNumber("201"); got != "39082011" {
		t.Errorf("insurer number of 201 is %s", got)
	}
}

func TestShuffle(t *testing.T) {
	for seed := range uint64(20) {
		m := newMaker(seed)
		s := newShuffle(m.rand, 1000)
		seen := map[uint64]bool{}
		for i := range uint64(1000) {
			seen[s.at(i)] = true
		}
		if len(seen) != 1000 {
			t.Errorf("seed %d: %d different numbers of 1000", seed, len(seen))
		}
	}
}
